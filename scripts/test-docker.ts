import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readEnv } from '../server/platform/core/env.ts'
import { connectEngine } from '../server/agents/drivers/docker/engine.ts'

/**
 * Runs the tests of the Docker driver: on the engine of `DOCKER_HOST` or the usual socket, else on one
 * that it starts for itself where `dockerd` is installed and it may (as root). Installs nothing.
 */
const START_MS = 30_000

const usual = readEnv({ DOCKER_HOST: process.env.DOCKER_HOST }).DOCKER_HOST
const own = (await answers(usual)) ? undefined : await startOwn()
const dockerHost = own?.dockerHost ?? usual
console.log(`Docker: ${own ? 'a private engine' : dockerHost}`)
const { status } = spawnSync('vitest', ['run', 'tests/runtime/docker.test.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, DOCKER_HOST: dockerHost },
})
await own?.stop()
process.exit(status ?? 1)

async function answers(host: string): Promise<boolean> {
  try {
    await connectEngine(host).ping()
    return true
  } catch {
    return false
  }
}

async function startOwn(): Promise<{ dockerHost: string; stop: () => Promise<void> }> {
  const binary = ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd'].find(existsSync)
  if (!binary || process.getuid?.() !== 0) {
    console.error(`No Docker engine answers at ${usual}, and ${binary ? 'only root can start one' : 'dockerd is not installed'}.`)
    process.exit(1)
  }
  const folder = mkdtempSync(join(tmpdir(), 'agentbot-dockerd-'))
  const host = `unix://${join(folder, 'docker.sock')}`
  const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')]
  const engine = spawn(binary, ['-H', host, ...places, '--log-level', 'error'], { stdio: 'inherit' })
  const ended = new Promise<void>((done) => engine.once('exit', () => done()))
  const deadline = Date.now() + START_MS
  while (!(await answers(host))) {
    if (engine.exitCode !== null || Date.now() > deadline) {
      console.error('dockerd did not start; what it said is above.')
      engine.kill()
      process.exit(1)
    }
    await pause(200)
  }
  return {
    dockerHost: host,
    async stop() {
      engine.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
