export { coordinator } from './coordinator.js';
