//! What somebody who wants to steal from a pool, to stop it, or to bend its books would try; each on the real runtime.
//! Every step is followed by the checks of the books that `World` makes.

mod freeze;
mod once_broken;
mod steal;
mod substitute;
mod support;
