export { builtinPlugins } from './builtin-plugins.ts'
export { type CustomPlugin, type Plugin, type PluginContext, type PluginKit, PluginResult, definePlugin } from './plugin.ts'
