import type { AnswerHead, AnswerPart, ChoicePiece } from '../wires/index.ts'

type ChunkPart = Exclude<AnswerPart, { count: unknown }>

/**
 * Keeps what finishes a streamed answer for its end, where clients expect it: a provider may say it early, several times,
 * together with a piece of text, or not at all.
 */
export class FinishKeeper {
  readonly #finished = new Map<number, ChoicePiece>()
  #head: AnswerHead = {}
  #hasToolCalls = new Set<number>()

  /** What of a piece is passed on now; undefined when it only finishes. */
  take({ head, choices }: ChunkPart): ChunkPart | undefined {
    this.#head = { ...this.#head, ...head }
    const passedOn: ChoicePiece[] = []
    for (const choice of choices) {
      const { index, delta, finish_reason, ...beside } = choice
      if (delta.tool_calls) this.#hasToolCalls.add(index)
      if (finish_reason === null) {
        passedOn.push(choice)
        if (!this.#finished.has(index)) this.#finished.set(index, { index, delta: {}, finish_reason: null })
        continue
      }
      const saysMore = Object.keys(delta).length > 0
      // What stands beside a piece goes with it, and what stands beside nothing but a finish with the finish.
      if (saysMore) passedOn.push({ ...choice, finish_reason: null })
      this.#finished.set(index, { ...this.#finished.get(index), ...(saysMore ? {} : beside), index, delta: {}, finish_reason })
    }
    return passedOn.length > 0 ? { head, choices: passedOn } : undefined
  }

  /** No more is read: what had not finished ends as if its limit of tokens were reached. */
  cut(): void {
    for (const [index, choice] of this.#finished)
      if (choice.finish_reason === null) this.#finished.set(index, { ...choice, finish_reason: 'length' })
  }

  /** The last piece: why each choice ended. One of which the provider did not say so ended as answers do. */
  ending(): ChunkPart {
    const choices = [...this.#finished.values()].sort((a, b) => a.index - b.index)
    return {
      head: this.#head,
      choices: choices.map((choice) => ({
        ...choice,
        finish_reason: choice.finish_reason ?? (this.#hasToolCalls.has(choice.index) ? 'tool_calls' : 'stop'),
      })),
    }
  }
}
