/** One line a container wrote. */
export interface OutputLine {
  text: string
  isError: boolean
}

const HEADER_BYTES = 8
const STDERR = 2

/**
 * Takes apart what the engine sends as the output of a container without a terminal: frames of a
 * header (stream, three zeros, length as 32 bits) and text. A line may go over several frames of its stream.
 */
export function splitOutput(output: Buffer): OutputLine[] {
  const unfinished: Record<number, Buffer[]> = {}
  const lines: OutputLine[] = []
  const finish = (stream: number, part: Buffer) => {
    const whole = Buffer.concat([...(unfinished[stream] ?? []), part]).toString('utf8')
    unfinished[stream] = []
    if (whole !== '') lines.push({ text: whole.replace(/\r$/, ''), isError: stream === STDERR })
  }
  for (let at = 0; at + HEADER_BYTES <= output.length;) {
    const stream = output[at]!
    const end = at + HEADER_BYTES + output.readUInt32BE(at + 4)
    let from = at + HEADER_BYTES
    for (let newline = output.indexOf(10, from); newline !== -1 && newline < end; newline = output.indexOf(10, from)) {
      finish(stream, output.subarray(from, newline))
      from = newline + 1
    }
    ;(unfinished[stream] ??= []).push(output.subarray(from, end))
    at = end
  }
  for (const stream of Object.keys(unfinished)) finish(Number(stream), Buffer.alloc(0))
  return lines
}
