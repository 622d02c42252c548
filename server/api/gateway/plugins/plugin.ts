import { z } from 'zod'
import type { AccountId, Context, AppError } from '#server/platform/core/index.ts'
import type { completeText } from '#server/models/completions/index.ts'

/** The call a plugin works for. */
export interface PluginContext extends Context {
  /** Whether the caller's plan pays. A call that was paid by itself neither needs a plan nor uses up what is in it. */
  isInPlan: boolean
  /** The account whose payment session pays. */
  sessionOwner?: AccountId
  /** What the call brings in, in millionths of a US dollar: what it costs must stay below that, unless a plan pays. */
  priceMicroUsd: number
}

const count = z.int().min(0).nullable()

/**
 * What a plugin answers: `message` in words, `data` as plain JSON for programs, and `usage` for the record
 * of the call: what a model used, null where nobody counted. It is checked before anything is paid.
 */
export const PluginResult = z.object({
  message: z.string(),
  data: z.record(z.string(), z.json()).optional(),
  usage: z.object({ model: z.string(), inputTokens: count, outputTokens: count, costNanoUsd: count }).optional(),
})
export type PluginResult = z.infer<typeof PluginResult>

/** One thing the gateway sells: what it is, what a call costs, what it takes and what it does. */
export interface Plugin<I = unknown> {
  /** Lower-case letters, digits and hyphens, beginning with a letter. */
  id: string
  /** One line for people who look for something to call. */
  description: string
  /** Millionths of a US dollar per call. */
  priceMicroUsd: number
  /** Whether a caller who is not signed in has to pay by MPP, x402 or session to use it; false when left out. */
  requiresSignIn?: boolean
  /** Checks what the caller sent, before anything is paid. */
  input: z.ZodType<I>
  /**
   * Does the work, once. When it throws nothing is paid: an AppError is for the caller, anything else for
   * the log. It has to stop when `ctx.signal` aborts.
   */
  run(ctx: PluginContext, input: I): Promise<PluginResult>
  /** Does the work bit by bit, where that is possible. When it throws nothing is paid, whatever it has given until then. */
  stream?(ctx: PluginContext, input: I): AsyncGenerator<string, PluginResult>
}

/** Ties the type of the input together; the registry then holds the plugin without it. */
export const definePlugin = <I>(plugin: Plugin<I>): Plugin => plugin

/** What a plugin outside of this project is made with: there, no package of the server can be imported. */
export interface PluginKit {
  definePlugin: typeof definePlugin
  /** The schema library, for `input`. */
  z: typeof z
  /** Lets a model of this server go on with a conversation. */
  completeText: typeof completeText
  /** The failures a caller is told: kind, code, message. */
  AppError: typeof AppError
}

/** What a file in `DATA_DIR/plugins` exports as its default. */
export type CustomPlugin = Plugin | ((kit: PluginKit) => Plugin | Promise<Plugin>)
