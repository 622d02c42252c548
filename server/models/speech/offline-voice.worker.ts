import { WASI } from 'node:wasi'
import { parentPort, workerData } from 'node:worker_threads'

/** What the thread is started with: the compiled program, its arguments, and the one folder it sees, as `/out`. */
export interface VoiceWork {
  program: WebAssembly.Module
  args: string[]
  folder: string
}

const { program, args, folder } = workerData as VoiceWork
const wasi = new WASI({ version: 'preview1', args, env: {}, preopens: { '/out': folder }, returnOnExit: true })
const instance = await WebAssembly.instantiate(program, wasi.getImportObject() as WebAssembly.Imports)
parentPort!.postMessage(wasi.start(instance))
