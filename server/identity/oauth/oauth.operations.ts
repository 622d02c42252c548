import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './oauth.contract.ts'
import { examples } from './oauth.examples.ts'
import * as service from './oauth.service.ts'

export const oauth = {
  providers: defineQuery({
    name: 'oauth.providers',
    summary: 'List the services one can sign in with',
    description: 'Those the operator has set up: GitHub, Google, or an OpenID Connect issuer.',
    access: 'public',
    bucket: 'general',
    input: contract.Nothing,
    output: contract.SignInProviders,
    example: examples.providers,
    run: service.getProviders,
  }),
  start: defineMutation({
    name: 'oauth.start',
    summary: 'Start signing in elsewhere',
    description: 'Sets a cookie that ties it to this browser. Browsers follow `startUrl` of `oauth.providers` instead.',
    access: 'public',
    bucket: 'oauth',
    transaction: false,
    input: contract.StartSignIn,
    output: contract.SignInStarted,
    example: examples.start,
    run: service.startSignIn,
  }),
  startLink: defineMutation({
    name: 'oauth.startLink',
    summary: 'Start connecting a sign-in elsewhere',
    description: 'Once it is finished, the person who calls can sign in that way as well.',
    access: 'fresh',
    isPersonal: true,
    bucket: 'oauth',
    transaction: false,
    input: contract.StartLink,
    output: contract.SignInStarted,
    example: examples.startLink,
    run: service.startLink,
  }),
  finish: defineMutation({
    name: 'oauth.finish',
    summary: 'Finish a sign-in elsewhere',
    description:
      'Signs in who is known, makes an account for who is not (by `SIGNUPS`), or connects it with the person who asked for that. Sets the session cookie. Browsers get here by themselves.',
    access: 'public',
    credentials: ['session', 'none'],
    bucket: 'oauth',
    transaction: false,
    input: contract.FinishSignIn,
    output: contract.SignInFinished,
    example: examples.finish,
    run: service.finishSignIn,
  }),
}
