//! Exceptions on a real API server: who may ask and approve, from when on they count, and their end.

mod life;
mod people;
mod rules;
