import { createServer, type Server } from 'node:net'

/** A gateway also takes ports above its own, up to 110 of them (docs/gateway of OpenClaw), so they are this far apart. */
const DISTANCE = 120
const FIRST = 20_040
const LAST = 65_000
const LOOPBACK = '127.0.0.1'

/** A port that nobody else is given until it is released, or this process ends. */
export interface HeldPort {
  port: number
  /** Again does nothing. */
  release(): Promise<void>
}

/**
 * Takes the first free port for a gateway, so that no other server on this machine is given it.
 *
 * The child binds the port itself, later and by number, so the port cannot be held by listening on it. What is
 * held is the last port of its range instead, which no gateway uses: the system gives that to one process at a
 * time, whoever runs it, and takes it back when that process is killed.
 *
 * @param host The address the gateway listens on.
 * @throws Error when there is none.
 */
export async function holdPort(host = LOOPBACK): Promise<HeldPort> {
  for (let port = FIRST; port <= LAST; port += DISTANCE) {
    const guard = await tryListen(host, port + DISTANCE - 1)
    if (!guard) continue
    const release = () => close(guard)
    if (await isFree(host, port)) return { port, release }
    await release()
  }
  throw new Error('There is no port left for another agent on this machine.')
}

/** Whether a gateway can have the port now: one that a killed server left behind, or another program, may be on it. */
async function isFree(host: string, port: number): Promise<boolean> {
  const server = await tryListen(host, port)
  if (server) await close(server)
  return server !== undefined
}

/** A server on the port that talks to nobody and keeps no process alive; undefined when the port is taken. */
const tryListen = (host: string, port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy()).unref()
    server.once('error', () => resolve(undefined))
    server.listen(port, host, () => resolve(server))
  })

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
