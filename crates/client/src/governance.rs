//! What a pool's admin, manager, guardian and treasury do.

use {
    crate::{cluster::SYSTEM_PROGRAM, instructions::build, keys::PoolKeys},
    solana_instruction::Instruction,
    solana_pubkey::Pubkey,
    tidepool::{
        accounts, instruction,
        state::{PoolFees, Role},
        PoolSettings,
    },
};

impl PoolKeys {
    /// Names who is to take over a role. Signer: `admin`.
    pub fn propose_role(&self, admin: &Pubkey, role: Role, successor: &Pubkey) -> Instruction {
        let accounts = accounts::ProposeRole { pool: self.pool, admin: *admin };
        build(accounts, instruction::ProposeRole { role, successor: *successor })
    }

    /// Takes a proposal back. Signer: `admin`.
    pub fn cancel_role_proposal(&self, admin: &Pubkey, role: Role) -> Instruction {
        let accounts = accounts::CancelRoleProposal { pool: self.pool, admin: *admin };
        build(accounts, instruction::CancelRoleProposal { role })
    }

    /// Takes over a role that was proposed. Signer: `successor`.
    pub fn accept_role(&self, successor: &Pubkey, role: Role) -> Instruction {
        self.accept(successor, role, None)
    }

    /// Takes over the role of the treasury with the token account that was proposed. Signer: its `owner`.
    pub fn accept_treasury(&self, owner: &Pubkey, treasury: &Pubkey) -> Instruction {
        self.accept(owner, Role::Treasury, Some(*treasury))
    }

    fn accept(&self, successor: &Pubkey, role: Role, treasury: Option<Pubkey>) -> Instruction {
        let accounts = accounts::AcceptRole {
            pool: self.pool,
            successor: *successor,
            lst_mint: self.lst_mint,
            treasury,
        };
        build(accounts, instruction::AcceptRole { role })
    }

    /// Sets fees: cuts hold at once, rises two epochs later. Signer: `admin`.
    pub fn set_fees(&self, admin: &Pubkey, fees: PoolFees) -> Instruction {
        build(accounts::SetFees { pool: self.pool, admin: *admin }, instruction::SetFees { fees })
    }

    /// Sets limits and shares. Signer: `admin`.
    pub fn set_parameters(&self, admin: &Pubkey, settings: PoolSettings) -> Instruction {
        let accounts = accounts::SetParameters { pool: self.pool, liquidity: self.liquidity, admin: *admin };
        build(accounts, instruction::SetParameters { settings })
    }

    /// Pauses functions, by their bits (`tidepool_interface::header::Function`). Signer: `guardian`, or the admin.
    pub fn pause(&self, guardian: &Pubkey, functions: u8) -> Instruction {
        build(accounts::Pause { pool: self.pool, guardian: *guardian }, instruction::Pause { functions })
    }

    /// Opens functions again. Signer: `guardian`, or the admin.
    pub fn resume(&self, guardian: &Pubkey, functions: u8) -> Instruction {
        build(accounts::Resume { pool: self.pool, guardian: *guardian }, instruction::Resume { functions })
    }

    /// Gives SOL of `payer`, who signs, to the insurance.
    pub fn fund_insurance(&self, payer: &Pubkey, lamports: u64) -> Instruction {
        let accounts = accounts::FundInsurance {
            pool: self.pool,
            insurance: self.insurance,
            payer: *payer,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::FundInsurance { lamports })
    }

    /// Announces that SOL is to leave the insurance. Signer: `admin`.
    pub fn propose_insurance_withdrawal(&self, admin: &Pubkey, lamports: u64, to: &Pubkey) -> Instruction {
        let accounts = accounts::ProposeInsuranceWithdrawal { pool: self.pool, admin: *admin };
        build(accounts, instruction::ProposeInsuranceWithdrawal { lamports, to: *to })
    }

    /// Takes that proposal back. Signer: `admin`.
    pub fn cancel_insurance_withdrawal(&self, admin: &Pubkey) -> Instruction {
        let accounts = accounts::CancelInsuranceWithdrawal { pool: self.pool, admin: *admin };
        build(accounts, instruction::CancelInsuranceWithdrawal {})
    }

    /// Takes out of the insurance what was proposed, once the notice is over. Signer: `admin`.
    pub fn withdraw_insurance(&self, admin: &Pubkey, to: &Pubkey) -> Instruction {
        let accounts = accounts::WithdrawInsurance {
            pool: self.pool,
            admin: *admin,
            insurance: self.insurance,
            to: *to,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::WithdrawInsurance {})
    }
}
