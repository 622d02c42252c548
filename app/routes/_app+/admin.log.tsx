import { ServerLog } from '../../features/api/admin/server-log.tsx'

export default ServerLog
