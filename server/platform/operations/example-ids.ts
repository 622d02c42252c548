/**
 * What examples call rows that have to be there first. Ids are written as those of real rows are, so that a
 * reader knows one when it comes along; whoever runs an example puts ids of their own in.
 */
export const exampleIds = {
  account: 'usr_01jdx3k9t8f2v9w7b1n5q4h6zc',
  /** A team of that person and another one. */
  workspace: 'ws_01jdx3k9t8f2v9w7b1n5q4h6zd',
  /** The other one. */
  member: 'usr_01jdx3ka0g2v9w7b1n5q4h6zce',
  /** Of somebody who has not come yet, to that team. */
  invitation: 'inv_01jdx3kb1h3v9w7b1n5q4h6zcf',
  /** It can do what its account can; `exampleApiKey` is the whole of it. */
  apiKey: 'key_01jdx3m2c4e8raxw5t6y7z8q9d',
  agent: 'harbour-desk-k3v9q2m7xp',
  /** The instance that agent runs as. */
  instance: '6fec211146654d1e9bf0b9d1bf6b4370',
  /** A conversation with that agent. */
  session: 'sess_01jdx3p5h7fq2tnb8c9d0e1f2g',
  /** A message to that agent that got no answer. */
  unansweredMessage: 'msg_01jdx3q6j8gr3vpc9d0e1f2g3h',
  file: 'fil_01jdx3r7k9hs4wqd0e1f2g3h4j',
  task: 'tsk_01jdx3s8m0jt5xre1f2g3h4j5k',
  cronJob: 'cron_01jdx3t9n1kv6ysf2g3h4j5k6m',
  /** A message that was answered in the background. */
  job: 'job_01jdx3v0p2mw7ztg3h4j5k6m7n',
  paymentSession: 'ses_2IHnYZi8xB5tHUIC9nU2uqq4UGIy4wluZ',
  /** A payment from the wallet that waits for an owner. */
  walletSend: 'wsnd_01jdx40a4r5s6t7v8w9x0y1z2a',
  walletPolicy: 'wpol_01jdx40b5s6t7v8w9x0y1z2a3b',
  /** Another browser that is signed in. */
  signInSession: 'sess_01jdx3x2r4py91wj5k6m7n8p9q',
  /** A mail that was kept for the address of that account. */
  mail: 'job_01jdx3x2r4py91wj5k6m7n8p9q',
  passkey: 'pk_01jdx3w1q3nx80vh4j5k6m7n8p',
  /** A team the account owns, which was deleted and can be taken back. */
  deletedWorkspace: 'ws_01jdx3z3s5qz02xk6m7n8p9q0r',
  /** Of the workspace. */
  budget: 'bud_01jdx40a3s5qz02xk6m7n8p9q0',
  /** An export that is ready. */
  export: 'exp_01jdx3y2r4py91wj5k6m7n8p9q',
  booking: 'bkg_01jdx433v7s2c4zk8p9q0r1s2t',
  /** Of royalties that are not shared out yet. */
  split: 'split_01jdx444w8t3d5zm9q0r1s2t3v',
  splitRule: 'rule_01jdx455x9v4e6zn0r1s2t3v4w',
} as const
