/** `0:07`, `12:40`, `1:02:03`. Never negative, as the clocks of server and terminal may differ. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** An ISO 8601 time as this machine's clock shows it: `09:05:00`. */
export function formatClock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}

/** The same for a time that may be far off, seen from `from`: `Nov 27 09:05:00` when it is on another day. */
export function formatMoment(time: string, from: number): string {
  const date = new Date(time);
  const isSameDay = date.toDateString() === new Date(from).toDateString();
  return isSameDay ? formatClock(time) : `${date.toDateString().slice(4, 10)} ${formatClock(time)}`;
}
