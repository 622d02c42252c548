import { ServerHealth } from '../../features/api/admin/server-health.tsx'

export default ServerHealth
