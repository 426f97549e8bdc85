//! `runner PROGRAM.so [CASES]`: every operation of `sound` in the Solana virtual machine and natively must agree.
use solana_sbpf::ebpf::{MM_HEAP_START, MM_INPUT_START, MM_STACK_START};
use solana_sbpf::memory_region::{AccessType, MemoryMapping, MemoryRegion};
use solana_sbpf::program::{BuiltinFunctionDefinition, BuiltinProgram};
use solana_sbpf::verifier::RequisiteVerifier;
use solana_sbpf::vm::{CallFrame, Config, ContextObject, EbpfVm, ExecutionMode};
use solana_sbpf::{declare_builtin_function, elf::Executable, error::ProgramResult};
use std::{error::Error, process::ExitCode, ptr::NonNull, sync::Arc};

const UNITS: u64 = 1_400_000;
const HEAP: usize = 32 * 1024;

type Failure = Box<dyn Error>;

/// What a call can reach: its memory, its compute units, its results.
struct Call {
    memory: MemoryMapping,
    units: u64,
    log: Vec<String>,
    returned: Vec<u8>,
}

impl ContextObject for Call {
    fn consume(&mut self, units: u64) {
        self.units = self.units.saturating_sub(units);
    }

    fn get_remaining(&self) -> u64 {
        self.units
    }

    fn active_mapping_ptr(&mut self) -> NonNull<MemoryMapping> {
        NonNull::from_mut(&mut self.memory)
    }
}

impl Call {
    fn host(&self, access: AccessType, at: u64, len: u64) -> Result<*mut u8, Failure> {
        match self.memory.map(access, at, len) {
            ProgramResult::Ok(address) => Ok(address as *mut u8),
            ProgramResult::Err(error) => Err(error.into()),
        }
    }

    fn bytes(&self, at: u64, len: u64) -> Result<Vec<u8>, Failure> {
        if len == 0 {
            return Ok(Vec::new());
        }
        Ok(unsafe { std::slice::from_raw_parts(self.host(AccessType::Load, at, len)?, len as usize) }
            .to_vec())
    }

    fn write(&self, at: u64, bytes: &[u8]) -> Result<u64, Failure> {
        if !bytes.is_empty() {
            let to = self.host(AccessType::Store, at, bytes.len() as u64)?;
            unsafe { to.copy_from(bytes.as_ptr(), bytes.len()) };
        }
        Ok(0)
    }
}

macro_rules! syscalls {
    ($($name:ident |$call:ident, $a:ident, $b:ident, $c:ident, $d:ident| $body:expr;)*) => {
        $(declare_builtin_function!(
            #[allow(non_camel_case_types)]
            $name,
            fn rust($call: &mut Call, $a: u64, $b: u64, $c: u64, $d: u64, _e: u64,) -> Result<u64, Failure> { $body }
        );)*

        fn loader() -> Result<BuiltinProgram<Call>, Failure> {
            let mut loader = BuiltinProgram::new_loader(Config { reject_broken_elfs: true, ..Config::default() });
            $($name::register(&mut loader, stringify!($name))?;)*
            Ok(loader)
        }
    };
}

syscalls! {
    sol_log_ |call, text, len, _c, _d| {
        let line = call.bytes(text, len)?;
        call.log.push(String::from_utf8_lossy(&line).into_owned());
        Ok(0)
    };
    abort |_call, _a, _b, _c, _d| Err("aborted".into());
    sol_set_return_data |call, data, len, _c, _d| {
        call.returned = call.bytes(data, len)?;
        Ok(0)
    };
    sol_memcpy_ |call, to, from, len, _d| call.write(to, &call.bytes(from, len)?);
    sol_memmove_ |call, to, from, len, _d| call.write(to, &call.bytes(from, len)?);
    sol_memset_ |call, to, byte, len, _d| call.write(to, &vec![byte as u8; len as usize]);
    sol_memcmp_ |call, a, b, len, out| {
        let (a, b) = (call.bytes(a, len)?, call.bytes(b, len)?);
        let order = a.iter().zip(&b).map(|(a, b)| *a as i32 - *b as i32).find(|n| *n != 0).unwrap_or(0);
        call.write(out, &order.to_le_bytes())
    };
}

/// The digest and the compute units of one call.
fn call(program: &Executable<Call>, request: [u64; 3]) -> Result<(u64, u64), Failure> {
    let (config, version) = (program.get_config(), program.get_sbpf_version());
    let mut stack = vec![0u8; config.stack_size()];
    let mut heap = vec![0u8; HEAP];
    // No accounts; the length of the data, the data, the program's id.
    let words = [&[0, 24], &request[..], &[0; 4]].concat();
    let mut input: Vec<u8> = words.iter().flat_map(|word: &u64| word.to_le_bytes()).collect();

    let gap = if version.stack_frame_gaps() { config.stack_frame_size as u64 } else { 0 };
    let regions = vec![
        program.get_ro_region(),
        MemoryRegion::new_gapped(&raw mut stack[..], MM_STACK_START, gap),
        MemoryRegion::new(&raw mut heap[..], MM_HEAP_START),
        MemoryRegion::new(&raw mut input[..], MM_INPUT_START),
    ];
    let memory = unsafe { MemoryMapping::new(regions, config, version)? };
    let mut call = Call { memory, units: UNITS, log: Vec::new(), returned: Vec::new() };
    let mut vm = EbpfVm::new(program.get_loader().clone(), version, &mut call, stack.len());
    vm.registers[1] = MM_INPUT_START;
    let mut frames = vec![CallFrame::default(); config.max_call_depth];
    let (units, result) = vm.execute_program(program, &mut ExecutionMode::Jit, &mut frames);
    drop(vm);
    match result {
        ProgramResult::Ok(0) => Ok((u64::from_le_bytes(call.returned.as_slice().try_into()?), units)),
        ProgramResult::Ok(code) => Err(format!("error code {code}").into()),
        ProgramResult::Err(error) => Err(format!("{error}; log: {:?}", call.log).into()),
    }
}

fn compare(program: &Executable<Call>, op: usize, cases: u32) -> Result<u64, Failure> {
    let batch = sound::ops::batch(op);
    let (mut done, mut units) = (0, 0);
    while done < cases {
        let request = |count: u32| [op as u64, (op as u64) << 32 | done as u64, count as u64];
        let (digest, used) = call(program, request(batch))?;
        if digest != sound::answer(request(batch)) {
            let first = (1..=batch)
                .find(|n| call(program, request(*n)).is_ok_and(|r| r.0 != sound::answer(request(*n))));
            return Err(format!("another result than natively, first for {:?}", first.map(request)).into());
        }
        (done, units) = (done + batch, units + used);
    }
    Ok(units / done as u64)
}

fn run() -> Result<bool, Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: runner PROGRAM.so [CASES]")?;
    let cases = arguments.next().map_or(Ok(10_000), |n| n.parse())?;
    let program = Executable::from_elf(&std::fs::read(path)?, Arc::new(loader()?))?;
    program.verify::<RequisiteVerifier>()?;
    program.jit_compile()?;

    let mut good = true;
    for (op, name) in sound::ops::OPS.iter().enumerate() {
        match compare(&program, op, cases) {
            Ok(units) => println!("{name:<12} {cases:>6} cases agree, {units:>6} compute units each"),
            Err(error) => {
                println!("{name:<12} FAILED: {error}");
                good = false;
            }
        }
    }
    Ok(good)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("runner: {error}");
            ExitCode::FAILURE
        }
    }
}
