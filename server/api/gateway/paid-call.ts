import { hasAccount, accountOf, toAppError, type AppError, newId, toStorableText } from '#server/platform/core/index.ts'
import type { KeptPayment, Payment, Receipt } from '#server/money/payments/index.ts'
import type { GatewayResponse } from './gateway.contract.ts'
import { CallAborted, FailedThoughPaid } from './gateway.errors.ts'
import { insertCall, type CallRow } from './gateway.queries.ts'
import { PluginResult, type Plugin, type PluginContext } from './plugins/index.ts'

/**
 * One call of a plugin whose payment was found good. It takes the money once there is something to hand
 * over, gives it back when there is not, and writes down how the call ended.
 */
export class PaidCall {
  readonly #ctx: PluginContext
  readonly #plugin: Plugin
  readonly #payment: Payment
  readonly #began = performance.now()
  #receipt: Receipt | undefined
  #isCapturing = false

  constructor(ctx: PluginContext, plugin: Plugin, payment: Payment) {
    this.#ctx = ctx
    this.#plugin = plugin
    this.#payment = payment
  }

  /** Takes the money, the first time it is asked to. @throws AppError when it cannot be taken after all. */
  async capture(): Promise<void> {
    if (this.#isCapturing) return
    this.#isCapturing = true
    this.#receipt = await this.#payment.capture()
    this.#showReceipt(this.#receipt)
  }

  #showReceipt({ reference, headers }: Receipt): void {
    Object.assign(this.#ctx.reply.headers, reference === null ? {} : { 'Payment-Receipt': reference }, headers)
  }

  /** The plugin is done. @throws AppError when the money cannot be taken. */
  async succeed(result: PluginResult): Promise<GatewayResponse> {
    const { message, data, usage } = PluginResult.parse(result)
    await this.capture()
    await this.#record({
      outcome: 'answered',
      errorCode: null,
      model: usage?.model ?? null,
      inputTokens: usage?.inputTokens ?? null,
      outputTokens: usage?.outputTokens ?? null,
      costNanoUsd: usage?.costNanoUsd ?? null,
    })
    return {
      plugin: this.#plugin.id,
      message: toStorableText(message),
      timestamp: new Date().toISOString(),
      payment: { method: this.#payment.method, receipt: this.#receipt!.reference },
      ...(data ? { data } : {}),
    }
  }

  /**
   * The plugin failed, or the money could not be taken: what was set aside is given back.
   *
   * @returns the failure for the caller, with the receipt of what was taken before and stays good.
   */
  async fail(error: unknown): Promise<AppError> {
    const { signal } = this.#ctx
    const kept = await this.#giveBack()
    const failure = signal.aborted ? new CallAborted() : toAppError(error)
    const outcome = failure instanceof CallAborted ? 'aborted' : 'failed'
    await this.#record({ outcome, errorCode: failure.code, model: null, inputTokens: null, outputTokens: null, costNanoUsd: null })
    if (!kept) return failure
    if (kept.isConfirmed) this.#showReceipt(kept.receipt)
    return new FailedThoughPaid(failure, kept)
  }

  async #giveBack(): Promise<KeptPayment | undefined> {
    if (this.#isCapturing) return undefined
    const { log, requestId } = this.#ctx
    try {
      return await this.#payment.release()
    } catch (error) {
      log.error({ err: error, requestId }, 'what was set aside for a call could not be given back')
      return undefined
    }
  }

  async #record(ending: Pick<CallRow, 'outcome' | 'errorCode' | 'model' | 'inputTokens' | 'outputTokens' | 'costNanoUsd'>): Promise<void> {
    const { platform, log, requestId } = this.#ctx
    const row = {
      id: newId('gatewayCall'),
      accountId: hasAccount(this.#ctx) ? accountOf(this.#ctx) : null,
      plugin: this.#plugin.id,
      method: this.#payment.method,
      priceMicroUsd: this.#plugin.priceMicroUsd,
      isPaid: this.#receipt !== undefined,
      receipt: this.#receipt?.reference ?? null,
      latencyMs: Math.round(performance.now() - this.#began),
      ...ending,
    }
    // The caller is answered all the same: the work is done and paid.
    await insertCall(platform.databases.system, row).catch((cause: unknown) =>
      log.error({ err: cause, requestId, call: row }, 'a call of the gateway could not be written down'),
    )
  }
}
