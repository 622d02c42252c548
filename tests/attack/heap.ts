import { once } from 'node:events'

interface Reply {
  id: number
  result?: { usedSize: number }
}

/** What a process keeps alive, in MB, once its garbage is cleared away: its inspector is asked, whose address it has printed. */
export async function readHeapMb(output: readonly string[]): Promise<number> {
  const address = output.map((line) => /Debugger listening on (ws:\S+)/.exec(line)?.[1]).find((found) => found !== undefined)
  if (!address) throw new Error('The process was not started with --inspect.')
  const socket = new WebSocket(address)
  await once(socket, 'open')
  let calls = 0
  const ask = async (method: string): Promise<Reply> => {
    const id = ++calls
    const { promise, resolve } = Promise.withResolvers<Reply>()
    socket.addEventListener('message', ({ data }) => {
      const reply = JSON.parse(data as string) as Reply
      if (reply.id === id) resolve(reply)
    })
    socket.send(JSON.stringify({ id, method }))
    return promise
  }
  // What finalizers let go of is cleared away by the second one.
  await ask('HeapProfiler.collectGarbage')
  await ask('HeapProfiler.collectGarbage')
  const { result } = await ask('Runtime.getHeapUsage')
  socket.close()
  return result!.usedSize / 1e6
}
