import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** Puts the stand-in where RUNTIME=process looks for OpenClaw. @returns that folder. */
export async function installStandIn(folder: string, version = '2026.9.6'): Promise<string> {
  const installed = join(folder, 'openclaw')
  await mkdir(installed, { recursive: true })
  await writeFile(join(installed, 'package.json'), JSON.stringify({ name: 'openclaw', version, type: 'module' }))
  const program = resolve(import.meta.dirname, '../fakes/openclaw-gateway.ts')
  await writeFile(join(installed, 'openclaw.mjs'), `await import(${JSON.stringify(program)})\n`)
  return installed
}
