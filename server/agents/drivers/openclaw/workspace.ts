import { RuntimeFailed, type RuntimeAgent, type Workspace, type SyncCounts } from '../interface/index.ts'

export interface WorkspaceFile {
  /** Relative to the workspace, with forward slashes. */
  path: string
  content: string
}

const instructionsFile = 'SOUL.md'
const memoryFile = 'AGENTS.md'

/** The files that tell a gateway who it is and what it knows. @throws RuntimeFailed for a path outside of the workspace. */
export function workspaceFiles(agent: RuntimeAgent, { skills, memories, files }: Workspace): WorkspaceFile[] {
  return [
    { path: instructionsFile, content: `# ${agent.name}\n\n${agent.config.instructions ?? ''}\n` },
    { path: memoryFile, content: ['# What you know', '', ...memories.map(sayMemory), ''].join('\n') },
    ...skills.map((skill) => ({ path: skillPath(skill.id), content: saySkill(skill) })),
    ...files.map(({ path, content }) => ({ path: requireInside(path), content })),
  ]
}

/** How much of it is there, given the paths that the runtime says it has. */
export function countConfirmed({ skills, memories, files }: Workspace, paths: readonly string[]): SyncCounts {
  const has = new Set(paths)
  return {
    skills: skills.filter(({ id }) => has.has(skillPath(id))).length,
    memories: has.has(memoryFile) ? memories.length : 0,
    files: files.filter(({ path }) => has.has(path)).length,
  }
}

const skillPath = (id: string) => requireInside(`skills/${id}/SKILL.md`)

const sayMemory = ({ key, value }: { key: string; value: unknown }) =>
  `- ${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`

const saySkill = ({ name, description, content }: Workspace['skills'][number]) =>
  `---\nname: ${JSON.stringify(name)}\ndescription: ${JSON.stringify(description)}\n---\n\n${content ?? description}\n`

function requireInside(path: string): string {
  const parts = path.split('/')
  const isInside = parts.every((part) => part !== '' && part !== '.' && part !== '..') && !/[\0\\]/.test(path)
  if (!isInside || path.startsWith('.agentbot-')) throw new RuntimeFailed(`"${path}" is not a path in the workspace of an agent.`)
  return path
}
