/** The version of OpenClaw this server was tried with: the one it names when it has to be installed, and whose image it takes. */
export const OPENCLAW_VERSION = '2026.9.6'
