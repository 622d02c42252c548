/** An address by which its owner knows it, and nobody else learns it: `i•••@example.org`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  const [first = ''] = email
  return `${first}•••${email.slice(at)}`
}

export const isSameAddress = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
