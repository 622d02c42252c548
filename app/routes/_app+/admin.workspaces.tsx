import { WorkspaceList } from '../../features/api/admin/workspace-list.tsx'

export default WorkspaceList
