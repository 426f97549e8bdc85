pub mod sum;
