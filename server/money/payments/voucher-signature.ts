let rules: Promise<typeof import('./voucher-signature.rules.ts')> | undefined

/** What checks signatures. It is loaded when it is first needed, because it brings much that no other call needs. */
export const loadSignatureRules = (): NonNullable<typeof rules> => (rules ??= import('./voucher-signature.rules.ts'))
