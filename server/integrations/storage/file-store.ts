/** First and last byte, both part of it. */
export interface ByteRange {
  start: number
  end: number
}

/** A file that has arrived whole, on this machine. */
export interface ArrivedFile {
  path: string
  size: number
  /** In hex. */
  sha256: string
}

/** Where the bytes of files are kept, each under a key such as `usr_1/Zk3`. */
export interface FileStore {
  /** Takes a file over: it is there whole afterwards, or not at all. @throws StorageUnavailable */
  keep(key: string, file: ArrivedFile): Promise<void>
  /** The bytes as a stream. @throws StorageUnavailable, also when there is nothing under the key. */
  open(key: string, range?: ByteRange): Promise<ReadableStream<Uint8Array>>
  /** Harmless when there is nothing. @throws StorageUnavailable */
  remove(key: string): Promise<void>
}
