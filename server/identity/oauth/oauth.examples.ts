const state = 'q7Zd1xKwQ3T5a8cJmV0bR2yN4uL6hE9sF1gP7iO3kXo'
const url = `https://github.com/login/oauth/authorize?client_id=Iv1.0123456789abcdef&response_type=code&state=${state}`

export const examples = {
  providers: {
    input: {},
    output: [{ id: 'github', name: 'GitHub', startUrl: 'https://agents.example.org/api/auth/oauth/github/start' }],
  },
  start: { input: { provider: 'github', next: '/agents' }, output: { url } },
  startLink: { input: { provider: 'github', next: '/settings' }, output: { url } },
  finish: {
    input: {
      provider: 'github',
      query: `code=0a1b2c3d4e5f60718293&state=${state}`,
      binding: 'kXo3iO7gPF1sE9hL6uN4yR2bV0mJc8a5T3QwKx1dZ7q',
    },
    output: { outcome: 'signedIn', ticket: null, next: '/agents' },
  },
} as const
