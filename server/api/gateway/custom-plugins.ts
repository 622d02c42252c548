import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { type Platform, AppError } from '#server/platform/core/index.ts'
import { completeText } from '#server/models/completions/index.ts'
import { definePlugin, type CustomPlugin, type Plugin, type PluginKit } from './plugins/index.ts'
import { registerPlugin } from './registry.ts'

const kit: PluginKit = { definePlugin, z, completeText, AppError }

const isFunction = (value: unknown): boolean => typeof value === 'function'

const Definition = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and hyphens, beginning with a letter'),
  description: z.string().min(1),
  priceMicroUsd: z.int().min(1, 'expected millionths of a US dollar, 1 or more'),
  requiresSignIn: z.boolean().optional(),
  input: z.custom((value) => isFunction((value as z.ZodType | undefined)?.safeParse), 'expected a Zod schema'),
  run: z.custom(isFunction, 'expected a function'),
  stream: z.custom(isFunction, 'expected a function').optional(),
})

/**
 * Offers the plugins in `DATA_DIR/plugins`, in the order of their names. One that cannot be loaded is
 * logged and left out; the others are there.
 */
export async function loadCustomPlugins({ env, log }: Pick<Platform, 'env' | 'log'>): Promise<void> {
  const folder = resolve(env.DATA_DIR, 'plugins')
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') log.error({ folder, err: error }, 'the folder of plugins cannot be read')
    return []
  })
  for (const file of files.filter((name) => /\.m?[jt]s$/.test(name) && !name.endsWith('.d.ts')).sort()) {
    try {
      const plugin = await loadPlugin(join(folder, file))
      registerPlugin(plugin)
      log.info({ plugin: plugin.id, file }, 'a plugin of the operator is on the gateway')
    } catch (error) {
      log.error({ file, reason: explain(error), err: error }, 'this plugin cannot be loaded and is not on the gateway')
    }
  }
}

/** @throws ZodError for a definition that lacks something; whatever the file throws. */
async function loadPlugin(path: string): Promise<Plugin> {
  const { default: exported } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { default: CustomPlugin }
  const plugin = typeof exported === 'function' ? await exported(kit) : exported
  // The plugin stays what it is, which may be an instance of a class.
  Definition.parse(plugin)
  return plugin
}

const explain = (error: unknown): string =>
  error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => `${path.join('.') || 'default export'}: ${message}`).join('; ')
    : String(error)
