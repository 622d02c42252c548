import { type AccountContext, newId } from '#server/platform/core/index.ts'
import type { ResolvedModel } from '#server/models/catalogue/index.ts'
import { Charge, costOfCall, pricesOf, workOf } from '#server/models/completions/index.ts'
import { askedLater, beginUsage, type BegunCall, nameUsage, noteUsage, type TurnCall } from '#server/models/metering/index.ts'
import { canBeAsked, type ChatRequest, type TokenCount } from '#server/models/wires/index.ts'

/** The calls of one model for one answer of an agent, one after the other: what each may take is set aside, and what it took is written down. */
export class BuiltinCalls {
  readonly #ctx: AccountContext
  readonly #agentId: string
  readonly #model: ResolvedModel
  readonly #calls: TurnCall[]
  #usageId = newId('usage')
  /** Undefined while none runs. */
  #begun: BegunCall | undefined
  #generationId: string | undefined
  #charge: Charge | undefined
  #prices: ReturnType<typeof pricesOf>

  /** @param calls Gets every call that ends. */
  constructor(ctx: AccountContext, agentId: string, model: ResolvedModel, calls: TurnCall[]) {
    this.#ctx = ctx
    this.#agentId = agentId
    this.#model = model
    this.#calls = calls
    this.#prices = pricesOf(ctx.platform.env, model)
  }

  /** Sets aside what a call may take, and writes down that it begins. @throws what `Charge` does. */
  async begin(chat: ChatRequest, inputTokens: number): Promise<Charge | undefined> {
    const { provider, id, isOwnKey } = this.#model
    this.#charge = await Charge.open(this.#ctx, workOf(chat), { agentId: this.#agentId })
    await this.#charge?.prepare({ id, route: this.#model })
    this.#prices = this.#charge ? this.#charge.prices : pricesOf(this.#ctx.platform.env, this.#model)
    const costNanoUsd = this.costOf({ inputTokens, outputTokens: 0 })
    this.#begun = { kind: 'chat', agentId: this.#agentId, provider, model: id, isOwnKey, inputTokens, costNanoUsd }
    this.#usageId = beginUsage(this.#ctx, this.#begun)
    return this.#charge
  }

  /** The provider has said what it calls the call. */
  named(generationId: string): void {
    if (!this.#begun || !canBeAsked(this.#model.provider)) return
    this.#generationId = generationId
    nameUsage(this.#ctx, this.#usageId, this.#begun, generationId)
  }

  /** At the prices there were when it began; null where it cannot be said. */
  costOf(count: TokenCount): number | null {
    return costOfCall(this.#prices, count)
  }

  /** Writes down a call that ended. `isCounted`: the provider said what it took. */
  end(call: Omit<TurnCall, 'id' | 'provider' | 'model' | 'isOwnKey'>, isCounted: boolean): void {
    const { provider, id: model, isOwnKey } = this.#model
    const done = { provider, model, isOwnKey, ...call, ...askedLater(this.#generationId, isCounted, this.#charge) }
    // It is stored with the turn. A server that is killed before has it written down.
    noteUsage(this.#ctx, this.#usageId, { kind: 'chat', agentId: this.#agentId, ...done })
    this.#calls.push({ id: this.#usageId, ...done })
    this.#charge?.add(call, isOwnKey)
    this.#charge?.close()
    this.#usageId = newId('usage')
    this.#begun = undefined
    this.#generationId = undefined
  }

  /** What is still set aside goes back. */
  close(): void {
    this.#charge?.close()
  }
}
