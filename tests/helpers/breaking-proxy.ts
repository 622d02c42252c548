import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a server that can be cut off. */
export interface BreakingProxy {
  url: string
  /** How many connections there were so far. */
  readonly connections: number
  /** Breaks what is open; what connects next gets through, to another server if one is named. */
  cut(target?: string): void
  close(): Promise<void>
}

export async function startBreakingProxy(target: string): Promise<BreakingProxy> {
  let port = Number(new URL(target).port)
  let connections = 0
  const open = new Set<Socket>()
  const server = createServer((client) => {
    connections++
    const upstream = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        other.destroy()
      })
      socket.on('error', () => other.destroy())
      socket.pipe(other)
    }
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const cut: BreakingProxy['cut'] = (next) => {
    if (next) port = Number(new URL(next).port)
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections
    },
    cut,
    async close() {
      cut()
      await new Promise((closed) => server.close(closed))
    },
  }
}
