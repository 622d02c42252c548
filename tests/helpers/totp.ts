import { findStep, stepAt, totpCode } from '../../server/identity/second-factor/totp.rules.ts'
import type { TestServer } from './test-server.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** An authenticator app with one secret. */
export class AuthenticatorApp {
  readonly #secret: Buffer

  /** @param secret In base32, as it is typed into an app. */
  constructor(secret: string) {
    const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('')
    this.#secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
  }

  /** What it shows, or will show so many steps of 30 seconds later. */
  code(stepsLater = 0): string {
    return totpCode(this.#secret, stepAt(Date.now()) + stepsLater)
  }

  /** Six digits that are none of its codes. */
  wrongCode(): string {
    for (let number = 0; ; number++) {
      const code = String(number).padStart(6, '0')
      if (findStep(this.#secret, code, Date.now(), null) === undefined) return code
    }
  }
}

/** Switches the second factor of a person on. @returns their app, one step of which is used up, and their recovery codes. */
export async function addSecondFactor(server: TestServer, { cookie }: { cookie: string }) {
  const { secondFactor } = server.trpc({ cookie })
  const app = new AuthenticatorApp((await secondFactor.begin.mutate({})).secret)
  const { recoveryCodes } = await secondFactor.activate.mutate({ code: app.code(-1) })
  return { app, recoveryCodes }
}
