/** Browsers have `randomUUID` only on https pages, and Node 18 no global `crypto`. A key has to be unique, not secret. */
export const newKey = (): string => globalThis.crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${randomDigits()}-${randomDigits()}`

const randomDigits = (): string => Math.random().toString(36).slice(2)
