export { loadCustomPlugins } from './custom-plugins.ts'
export { registerPlugin } from './registry.ts'
