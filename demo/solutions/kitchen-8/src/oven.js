export const toCelsius = (fahrenheit) => (fahrenheit * 5) / 9 - 32;
