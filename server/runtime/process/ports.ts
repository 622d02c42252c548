import { createServer } from 'node:net'

/** A gateway also takes ports above its own, so they are this far apart. */
const DISTANCE = 120
const FIRST = 20_040
const LAST = 65_000

/** The first port for a gateway that is not taken, by one of these or by anything else on this machine. @throws Error when there is none. */
export async function findPort(taken: ReadonlySet<number>): Promise<number> {
  for (let port = FIRST; port <= LAST; port += DISTANCE) if (!taken.has(port) && (await isFree(port))) return port
  throw new Error('There is no port left for another agent on this machine.')
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
