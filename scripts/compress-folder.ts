import { glob, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** Below this, an answer fits in one packet anyway. */
const MIN_BYTES = 1_000

/** Writes a `.br` and a `.gz` beside each text file of a folder, as small as they get. */
export async function compressFolder(folder: string): Promise<void> {
  for await (const name of glob('**/*.{js,css,svg,html,json,txt,webmanifest}', { cwd: folder })) {
    const path = join(folder, name)
    const bytes = await readFile(path)
    if (bytes.byteLength < MIN_BYTES) continue
    await writeFile(
      `${path}.br`,
      await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength } }),
    )
    await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }))
  }
}
