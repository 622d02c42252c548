import { useMatches, useParams } from '@remix-run/react'
import { createContext, useContext } from 'react'
import type { CurrentWorkspace, Workspace, WorkspaceScope } from '../../server/identity/workspaces/workspaces.contract.ts'

/** The workspace whose pages are shown, and all the visitor is in. */
export interface ShownWorkspaces {
  workspace: CurrentWorkspace
  workspaces: Workspace[]
  /** Of the visitor. */
  userId: string
}

export const WorkspaceContext = createContext<ShownWorkspaces | null>(null)

/** For pages of a workspace only. */
export function useWorkspaces(): ShownWorkspaces {
  const shown = useContext(WorkspaceContext)
  if (!shown) throw new Error('This is not a page of a workspace.')
  return shown
}

/** Whether the visitor may do what the scope stands for in the workspace that is shown. What they may not is not offered. */
export const useMay = (scope: WorkspaceScope): boolean => useWorkspaces().workspace.scopes.includes(scope)

/** Makes the address of a page in the workspace that is shown: where the address that is open names it, that of others does too. */
export function usePath(): (path: string) => string {
  const { workspaceId } = useParams()
  return (path) => (workspaceId === undefined ? path : pathIn(workspaceId, path))
}

/**
 * Makes the address of a file of the workspace that is shown. A browser that follows a link sends no header, so the address says
 * which workspace is meant.
 */
export function useDownloadPath(): (path: string) => string {
  const { workspace } = useWorkspaces()
  return (path) => `${path}${path.includes('?') ? '&' : '?'}workspace=${workspace.id}`
}

/** The address of a page of a workspace. */
export const pathIn = (workspaceId: string, path: string): string => `/w/${workspaceId}${path}`

/** Id of the workspace whose pages are shown; undefined on other pages. */
export function useShownWorkspaceId(): string | undefined {
  for (const { data } of useMatches()) {
    const { workspace } = (data ?? {}) as Partial<ShownWorkspaces>
    if (workspace) return workspace.id
  }
  return undefined
}
