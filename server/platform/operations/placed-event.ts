/** An event of a stream that can be taken up behind it: whoever lost the connection names `place`, and gets what comes after. */
export class PlacedEvent<T> {
  /** Where the stream is once this event was sent. One line; what is in it is the stream's own affair. */
  readonly place: string
  readonly event: T

  constructor(place: string, event: T) {
    this.place = place
    this.event = event
  }
}
