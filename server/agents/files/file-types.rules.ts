import { isUtf8 } from 'node:buffer'

/** So many first bytes of a file are looked at. */
export const SAMPLE_BYTES = 4100

const BINARY = 'application/octet-stream'

const executables = new Set([
  'application/x-msdownload',
  'application/x-elf',
  'application/x-mach-binary',
  'application/x-msi',
  'application/java-vm',
  'application/wasm',
  'application/vnd.android.package-archive',
])

/** What a file turned out to be. */
export interface FoundType {
  type: string
  /** It can be run, though it was sent as something else. */
  isDisguised: boolean
}

/** Formats whose beginning may read like any text. */
const textual = new Set(['application/pdf', 'application/postscript', 'application/rtf', 'application/xml'])

/** What the first bytes of a file say it is. A text is what it was sent as, if that is a kind of text. */
export async function findType(sample: Uint8Array, declared: string, isWhole: boolean): Promise<FoundType> {
  const sent = declared.split(';')[0]!.trim().toLowerCase()
  const saysNothing = sent === '' || sent === BINARY
  // Loaded with the first upload: a server starts sooner without it.
  const { fileTypeFromBuffer } = await import('file-type')
  const found = (await fileTypeFromBuffer(sample))?.mime
  if (isText(sample, isWhole) && (found === undefined || !textual.has(found))) {
    if (!hasShebang(sample)) return { type: isTextType(sent) ? sent : 'text/plain', isDisguised: false }
    return { type: 'text/x-script', isDisguised: !isTextType(sent) && !saysNothing }
  }
  if (found === undefined) return { type: BINARY, isDisguised: false }
  return { type: found, isDisguised: executables.has(found) && sent !== found && !saysNothing }
}

/** Whether a file of that type is a text people and models can read. */
export const isTextType = (type: string): boolean =>
  /^text\/[\w.+-]+$/.test(type) || /^application\/([\w.-]+\+)?(json|xml|yaml|toml|javascript|sql)$/.test(type) || type === 'image/svg+xml'

const hasShebang = (sample: Uint8Array): boolean => sample[0] === 0x23 && sample[1] === 0x21

/** UTF-8 without control characters other than the usual white space. A sample may end in the middle of a character. */
function isText(sample: Uint8Array, isWhole: boolean): boolean {
  if (sample.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13)) return false
  if (isWhole) return isUtf8(sample)
  return [0, 1, 2, 3].some((cut) => isUtf8(sample.subarray(0, sample.length - cut)))
}
