import { formatUsd } from '#server/platform/money/index.ts'
import { hasAccount, type Context } from '#server/platform/core/index.ts'
import { parseInput } from '#server/platform/operations/index.ts'
import { authorizePayment, refuseUnpaid } from './authorize-payment.ts'
import type { GatewayEvent, GatewayPlugin, GatewayResponse, RouteRequest } from './gateway.contract.ts'
import { NoPlugin, SignInOrPay, UnknownPlugin } from './gateway.errors.ts'
import { choosePaymentMethod, DEFAULT_PLUGIN, pluginInput } from './gateway.rules.ts'
import { PaidCall } from './paid-call.ts'
import type { Plugin, PluginContext, PluginResult } from './plugins/index.ts'
import { pluginPriceOf } from '#server/money/payments/index.ts'
import { findPlugin, listPlugins } from './registry.ts'

/** What the gateway sells, and for how much. */
export const listGatewayPlugins = async (): Promise<GatewayPlugin[]> =>
  listPlugins().map(({ id, description, priceMicroUsd, requiresSignIn = false, stream }) => ({
    id,
    description,
    priceUsd: formatUsd(priceMicroUsd),
    auth: requiresSignIn,
    streaming: stream !== undefined,
  }))

/** Whether a plugin can answer bit by bit. */
export const canStream = (plugin: string | undefined): boolean => findPlugin(plugin || DEFAULT_PLUGIN)?.stream !== undefined

/** A call that is paid for and has not begun yet. */
interface OpenCall {
  ctx: PluginContext
  plugin: Plugin
  input: unknown
  paid: PaidCall
}

/**
 * Sends a request to a plugin. The money is taken once the plugin has answered; when it fails, nothing is.
 *
 * @throws NoPlugin, UnknownPlugin, SignInOrPay, InvalidInput, what authorizePayment throws, and whatever the plugin throws.
 */
export async function routeRequest(outer: Context, request: RouteRequest): Promise<GatewayResponse> {
  const { ctx, plugin, input, paid } = await openCall(outer, request)
  try {
    return await paid.succeed(await plugin.run(ctx, input))
  } catch (error) {
    throw await paid.fail(error)
  }
}

/**
 * Sends a request to a plugin and hands on its answer bit by bit; the money is taken at its end. Whoever stops reading
 * cuts it off, and pays for it from its first piece on.
 *
 * @throws as routeRequest does; after the first piece the failure says what became of the money.
 */
export async function* streamRequest(outer: Context, request: RouteRequest): AsyncGenerator<GatewayEvent> {
  const { ctx, plugin, input, paid } = await openCall(outer, request)
  let hasEnded = false
  try {
    const result = plugin.stream ? yield* securedPieces(plugin.stream(ctx, input), paid) : await plugin.run(ctx, input)
    const response = await paid.succeed(result)
    hasEnded = true
    yield { type: 'done', ...response }
  } catch (error) {
    hasEnded = true
    throw await paid.fail(error)
  } finally {
    if (!hasEnded) await paid.leave()
  }
}

async function* securedPieces(pieces: AsyncGenerator<string, PluginResult>, paid: PaidCall): AsyncGenerator<GatewayEvent, PluginResult> {
  try {
    for (;;) {
      const step = await pieces.next()
      if (step.done) return step.value
      await paid.secure()
      yield { type: 'delta', text: step.value }
    }
  } finally {
    await pieces.return(undefined as never)
  }
}

async function openCall(outer: Context, request: RouteRequest): Promise<OpenCall> {
  const method = choosePaymentMethod(request)
  const { id, price, plugin } = choosePlugin(request, method === 'session')
  outer.reply.headers['x-plugin-id'] = id
  if (plugin.requiresSignIn && method === 'stripe' && !hasAccount(outer)) throw new SignInOrPay(id)
  await refuseUnpaid(outer, method, price, request)
  const input = parseInput(plugin.input, pluginInput(request))
  const { payment, isInPlan } = await authorizePayment(outer, method, price, request)
  const ctx = {
    ...outer,
    isInPlan,
    ...(payment.session ? { sessionOwner: payment.session.accountId } : {}),
    priceMicroUsd: price.amountMicroUsd,
    signal: AbortSignal.any([outer.signal, outer.platform.shutdown]),
  }
  return { ctx, plugin, input, paid: new PaidCall(ctx, plugin, payment) }
}

/** @throws NoPlugin, or UnknownPlugin for a session, which pays by the price list. */
function choosePlugin(request: RouteRequest, isPaidBySession: boolean) {
  const id = request.plugin || DEFAULT_PLUGIN
  const [plugin, price] = [findPlugin(id), pluginPriceOf(id)]
  if (plugin && price) return { id, plugin, price }
  const known = listPlugins().map((one) => one.id)
  throw isPaidBySession ? new UnknownPlugin(id, known) : new NoPlugin(id, known)
}
