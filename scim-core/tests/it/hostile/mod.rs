//! Input that is meant to do harm (Y-016): the answer that the documentation promises, and a cost
//! that the size of the input explains. The same over sockets: `examples/axum/tests/it/hostile`.

mod amplified;
mod attack;
mod bodies;
mod costs;
mod names;
mod places;
mod queries;
