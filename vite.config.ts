import { vitePlugin as remix } from '@remix-run/dev'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig, type Plugin } from 'vite'
import remixConfig from './remix.config.js'

declare module '@remix-run/node' {
  /** Makes loaders typed as they are sent. */
  interface Future {
    v3_singleFetch: true
  }
}

/** Stops the build when code for the browser imports code of the server other than contracts. */
const serverOnly: Plugin = {
  name: 'server-only',
  enforce: 'pre',
  resolveId(id, importer, options) {
    if (!options.ssr && /^#(server|db|schema)\//.test(id) && !id.endsWith('.contract.ts'))
      this.error(`${id} is server code, imported by ${importer}`)
  },
}

/** The sheet of toasts is part of `tailwind.css`: what the package makes of it when it is loaded, the policy of pages refuses. */
const noInlineSheet: Plugin = {
  name: 'no-inline-sheet',
  transform(code, id) {
    if (!id.includes('/node_modules/sonner/')) return undefined
    const changed = code.replace(/^__insertCSS\(".*"\);?$/m, '')
    if (changed === code) this.error('sonner brings its sheet along in another way: look how to leave it out')
    return { code: changed, map: null }
  },
}

export default defineConfig(({ command, isSsrBuild }) => {
  // A build that tests ask for would otherwise inherit their NODE_ENV, and contain React's slow development version.
  if (command === 'build') process.env.NODE_ENV = 'production'
  return {
    plugins: [serverOnly, noInlineSheet, tailwindcss(), remix(remixConfig)],
    // Server code stays outside of the bundle: the server entry loads the same files, and there must be one of each.
    worker: { format: 'es' },
    build: { rollupOptions: isSsrBuild ? { external: [/^#/] } : {} },
    // Icons and Markdown come as hundreds of modules, of which pages use a few: bundled, the server starts sooner.
    ssr: { noExternal: ['lucide-react', 'react-markdown', 'sonner', /^@radix-ui\//] },
  }
})
