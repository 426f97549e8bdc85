//! What somebody who wants to steal from a pool, to stop it, or to bend its books would try; each on the real runtime.
//! Every step is followed by the checks of the books that `World` makes.

mod borrowed;
mod edges_of_epochs;
mod freeze;
mod once_broken;
mod orders_taken_back;
mod random_user;
mod steal;
mod substitute;
mod support;
mod validators;
