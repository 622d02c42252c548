import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import process, { arch, platform } from 'node:process'
import { createInterface } from 'node:readline'

/** A node with a chain of its own, in a process of its own. */
export interface Anvil {
  url: string
  close(): Promise<void>
}

/** Starts a node on a free port of the loopback interface. */
export async function startAnvil(chainId: number, ...options: string[]): Promise<Anvil> {
  const node = spawn(binary(), ['--chain-id', String(chainId), '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'ignore'] })
  const exit = new Promise<void>((resolve) => node.once('exit', () => resolve()))
  // Not even a test run that is cut off leaves it behind.
  const kill = () => void node.kill()
  process.once('exit', kill)
  const url = await readUrl(node.stdout, exit)
  return {
    url,
    async close() {
      process.off('exit', kill)
      kill()
      await exit
    },
  }
}

/** The node itself and not the npm package's script around it, which does not pass on the signal that ends it. */
function binary(): string {
  const require = createRequire(import.meta.url)
  const { resolve } = createRequire(require.resolve('@foundry-rs/anvil/package.json'))
  const system = `${platform}-${arch === 'x64' ? 'amd64' : arch}`
  return resolve(`@foundry-rs/anvil-${system}/bin/anvil${platform === 'win32' ? '.exe' : ''}`)
}

async function readUrl(output: NodeJS.ReadableStream, exit: Promise<void>): Promise<string> {
  const lines = createInterface({ input: output })
  const address = new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      const [, found] = /^Listening on (\S+)$/.exec(line) ?? []
      if (found) resolve(found)
    })
  })
  const failed = exit.then(() => {
    throw new Error('the node of the test chain ended before it listened')
  })
  return `http://${await Promise.race([address, failed])}`
}
