export { mockShop } from './server';
