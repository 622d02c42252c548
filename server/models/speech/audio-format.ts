/** A kind of sound file: how its name ends, and what it is called on the web. */
export interface AudioFormat {
  name: string
  mediaType: string
}

const startsWith =
  (bytes: string, at = 0) =>
  (audio: Buffer): boolean =>
    audio.subarray(at, at + bytes.length).equals(Buffer.from(bytes, 'latin1'))

/** Eleven bits that are set begin a frame; the two that say which layer are zero for AAC, which is not MP3. */
const isMp3Frame = (audio: Buffer): boolean => audio.length > 2 && audio[0] === 0xff && audio[1]! >= 0xe0 && (audio[1]! & 0x06) !== 0

const formats: (AudioFormat & { isIt: (audio: Buffer) => boolean })[] = [
  { name: 'wav', mediaType: 'audio/wav', isIt: (audio) => startsWith('RIFF')(audio) && startsWith('WAVE', 8)(audio) },
  { name: 'mp3', mediaType: 'audio/mpeg', isIt: (audio) => startsWith('ID3')(audio) || isMp3Frame(audio) },
  { name: 'ogg', mediaType: 'audio/ogg', isIt: startsWith('OggS') },
  { name: 'webm', mediaType: 'audio/webm', isIt: startsWith('\x1a\x45\xdf\xa3') },
  { name: 'm4a', mediaType: 'audio/mp4', isIt: startsWith('ftyp', 4) },
  { name: 'flac', mediaType: 'audio/flac', isIt: startsWith('fLaC') },
]

export const audioFormatNames: readonly string[] = formats.map(({ name }) => name)

/** The kind of sound file, by its first bytes; undefined for anything else. */
export const detectAudioFormat = (audio: Buffer): AudioFormat | undefined => formats.find(({ isIt }) => isIt(audio))
