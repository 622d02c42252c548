import { DeleteAccount } from './delete-account.tsx'
import { DeletedWorkspaces } from './deleted-workspaces.tsx'

/** What cannot be undone for long. */
export const DangerZone = () => (
  <div className="grid gap-5">
    <DeletedWorkspaces />
    <DeleteAccount />
  </div>
)
