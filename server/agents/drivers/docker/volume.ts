import type Docker from 'dockerode'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack, type Pack } from 'tar-stream'
import { RuntimeFailed, type RuntimeAgent, type RuntimeRef } from '../interface/index.ts'
import { clearScript, AGENT_ROOT, AGENT_USER, gatewayContainer } from '../openclaw/index.ts'
import { helperOptions, nameOf } from './container-options.ts'
import { ask, askUnless } from './engine.ts'
import { splitOutput } from './output.ts'

// The engine writes into a volume through any container that mounts it, whether that runs or not.

/** Writes the folders and the configuration of a gateway into its volume. */
export async function writeConfig(engine: Docker, agent: RuntimeAgent, modelsUrl: string): Promise<void> {
  const archive = pack()
  for (const name of ['home', 'state', 'workspace']) archive.entry({ name, type: 'directory', mode: 0o700, ...owner })
  addFile(archive, 'home/openclaw.json', gatewayContainer(agent, modelsUrl).config)
  await upload(engine, agent, archive)
}

/** Writes one file, named relative to the volume. */
export async function writeFile(engine: Docker, ref: RuntimeRef, name: string, content: string): Promise<void> {
  const archive = pack()
  addFile(archive, name, content)
  await upload(engine, ref, archive)
}

const owner = { uid: AGENT_USER, gid: AGENT_USER }

const addFile = (archive: Pack, name: string, content: string) => archive.entry({ name, mode: 0o600, ...owner }, content)

async function upload(engine: Docker, ref: RuntimeRef, archive: Pack): Promise<void> {
  archive.finalize()
  await ask(engine.getContainer(nameOf(ref)).putArchive(archive as unknown as NodeJS.ReadableStream, { path: AGENT_ROOT }))
}

/**
 * Runs a script on the volume of an agent in a container of its own that is removed afterwards.
 *
 * @returns what it wrote to standard output
 * @throws RuntimeFailed when it failed
 */
export async function runScript(engine: Docker, ref: RuntimeRef, image: string, script: string, ...args: string[]): Promise<string> {
  const container = await ask(engine.createContainer(helperOptions(ref, image, script, args)))
  try {
    await ask(container.start())
    const { StatusCode } = (await ask(container.wait())) as { StatusCode: number }
    const lines = splitOutput(await ask(container.logs({ stdout: true, stderr: true })))
    const say = (isError: boolean) => lines.flatMap((line) => (line.isError === isError ? [line.text] : [])).join('\n')
    if (StatusCode !== 0) throw new RuntimeFailed('The data of the agent could not be changed.', { cause: say(true) })
    return say(false)
  } finally {
    await askUnless([404], container.remove({ force: true }))
  }
}

/** Folder of the archives of an agent's data. */
export const backupFolder = (dataDir: string, { id }: RuntimeRef) => resolve(dataDir, 'backups', id)

/** Saves the data of an agent that does not run. @returns the archive's path */
export async function backUp(engine: Docker, ref: RuntimeRef, dataDir: string): Promise<string> {
  const folder = backupFolder(dataDir, ref)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${new Date().toISOString().replaceAll(':', '-')}.tar.gz`)
  try {
    const data = await ask(engine.getContainer(nameOf(ref)).getArchive({ path: `${AGENT_ROOT}/.` }))
    await ask(pipeline(data, createGzip(), createWriteStream(path, { mode: 0o600, flush: true })))
    return path
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

/** Makes the data of an agent that does not run what they were when the archive was made. `image` is any that runs. */
export async function restore(engine: Docker, ref: RuntimeRef, image: string, archive: string): Promise<void> {
  await runScript(engine, ref, image, clearScript)
  await ask(engine.getContainer(nameOf(ref)).putArchive(createReadStream(archive), { path: AGENT_ROOT }))
}
