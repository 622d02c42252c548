import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { RuntimeRef } from '../interface/index.ts'
import type { WorkspaceFile } from '../openclaw/index.ts'

const run = promisify(execFile)

/** Where an agent has its things. */
export interface AgentFolders {
  root: string
  home: string
  state: string
  workspace: string
  config: string
  /** Says which process the gateway is. */
  processFile: string
  backups: string
}

/** Ids of the agents that have something in the data folder. */
export const listAgentFolders = (dataDir: string): Promise<string[]> => readdir(resolve(dataDir, 'agents')).catch(() => [])

export function foldersOf(dataDir: string, { id }: Pick<RuntimeRef, 'id'>): AgentFolders {
  const root = resolve(dataDir, 'agents', id)
  return {
    root,
    home: join(root, 'home'),
    state: join(root, 'state'),
    workspace: join(root, 'workspace'),
    config: join(root, 'home', 'openclaw.json'),
    processFile: join(root, 'gateway.json'),
    backups: resolve(dataDir, 'backups', id),
  }
}

export async function makeFolders({ home, state, workspace }: AgentFolders): Promise<void> {
  for (const folder of [home, state, workspace]) await mkdir(folder, { recursive: true, mode: 0o700 })
}

/** Puts a file in place in one step: a gateway reads its configuration whenever it changes. */
export async function replaceFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, content, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** Saves all an agent has. @returns the archive; null when there is nothing to save. */
export async function backUp({ root, backups }: AgentFolders, time: Date): Promise<string | null> {
  if (!existsSync(root)) return null
  await mkdir(backups, { recursive: true, mode: 0o700 })
  const archive = join(backups, `${time.toISOString().replaceAll(/[:.]/g, '-')}.tar.gz`)
  await run('tar', ['-czf', archive, '-C', root, '.'])
  return archive
}

/** Gives an agent back what it had when it was saved, and nothing else. */
export async function restore({ root }: AgentFolders, archive: string | null): Promise<void> {
  await rm(root, { recursive: true, force: true })
  if (!archive) return
  await mkdir(root, { recursive: true, mode: 0o700 })
  await run('tar', ['-xzf', archive, '-C', root])
}

/** Conversations, their archives and memory go; what was handed over as files and skills stays. */
export async function forget({ state, workspace }: AgentFolders): Promise<void> {
  for (const path of [state, join(workspace, 'MEMORY.md'), join(workspace, 'memory')]) await rm(path, { recursive: true, force: true })
}

const LIST = '.agentbot-synced.json'

/**
 * Makes the workspace hold these files, and takes away those of the last time that are not among them.
 *
 * @returns the paths whose content is there as it was given.
 */
export async function syncWorkspace({ workspace }: AgentFolders, files: WorkspaceFile[]): Promise<string[]> {
  const listFile = join(workspace, LIST)
  const before = JSON.parse(await readFile(listFile, 'utf8').catch(() => '[]')) as string[]
  const wanted = new Set(files.map(({ path }) => path))
  for (const path of before.filter((old) => !wanted.has(old))) {
    await rm(join(workspace, path), { force: true })
    // Its folder goes too, unless there is something else in it.
    await rmdir(dirname(join(workspace, path))).catch(() => undefined)
  }
  for (const { path, content } of files) await replaceFile(join(workspace, path), content)
  await replaceFile(listFile, JSON.stringify([...wanted]))
  const confirmed: string[] = []
  for (const { path, content } of files)
    if ((await readFile(join(workspace, path), 'utf8').catch(() => null)) === content) confirmed.push(path)
  return confirmed
}
