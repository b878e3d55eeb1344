#!/usr/bin/env bash
# One visit to a GPU machine with what bench/cuda_bundle made: tests on both kernel paths, sanitizers, kernels and stages
# against their roofs, the memory caps. Each step has a time limit and a log in OUT; the summary comes last.
#   bench/cuda_session.sh BUNDLE OUT [steps...]       steps: tests sanitizer kernels stages caps seed peers
# `peers` runs PEERS (a Python script that measures other programs; it is given OUT) beside docket's stages.
set -u
bundle="$(cd "${1:?usage: bench/cuda_session.sh BUNDLE OUT [steps...]}" && pwd)" out="${2:?}"
shift 2
mkdir -p "$out"
out="$(cd "$out" && pwd)"
steps=("$@")
[ "${#steps[@]}" -gt 0 ] || steps=(tests sanitizer kernels stages caps)
chmod +x "$bundle"/bin/*
export CUDA_MODULE_LOADING=EAGER
summary="$out/summary.txt"
model="${MODEL_DIR:-/tmp/docket-11b}"
: >>"$summary"

# step NAME SECONDS COMMAND...: runs in the bundle, keeps the log, notes how it ended.
step() {
  local name="$1" limit="$2" start=$SECONDS status=0
  shift 2
  local libraries="$bundle/lib:${LD_LIBRARY_PATH:-}"
  [ "$1" = python3 ] && libraries="${LD_LIBRARY_PATH:-}"  # other programs bring their own
  (cd "$bundle" && LD_LIBRARY_PATH="$libraries" timeout "$limit" "$@") >"$out/$name.log" 2>&1 || status=$?
  printf '%-24s %s  %4d s\n' "$name" "$([ $status -eq 0 ] && echo ok || echo "FAILED ($status)")" $((SECONDS - start)) >>"$summary"
  grep -hE '^\[  (PASSED|FAILED|SKIPPED)|Failure$|^(device|linear|attention|vision|prefill|token|all|memory|load) |ERROR SUMMARY|docket: ' \
    "$out/$name.log" | sort -u | head -n 60 | sed 's/^/    /' | cut -c1-240 >>"$summary"
}

need_model() {
  [ -f "$model/model.safetensors" ] && return
  step make-model 180 bin/bench_random_packed llama-3.2-11b-vision "$model" --head 4
  cp "$bundle/tests/golden/data/tiny/tokenizer.json" "$model/"  # any will do: text is not looked at
}

stages() {  # stages NAME SECONDS flags...: the issue's measure: 4 tiles, 100 prompt tokens, 60 new
  local name="$1" limit="$2"
  shift 2
  step "$name" "$limit" bin/docket bench engine --model "$model" --device cuda --prompt-tokens 100 --new-tokens 60 "$@"
}

for part in "${steps[@]}"; do
  case "$part" in
    tests)
      nvidia-smi --query-gpu=name,memory.total,memory.used,driver_version --format=csv >>"$summary" 2>&1
      step test-own 300 bin/core_cuda_test --gtest_brief=1 '--gtest_filter=-*/sm70' &
      step test-sm70 300 bin/core_cuda_test --gtest_brief=1 '--gtest_filter=*/sm70' &
      wait  # most of their time is the plain reference's, on the processor
      step golden-test 120 bin/language_golden_test --gtest_brief=1 '--gtest_filter=*cuda*'
      step quantized-test 60 bin/language_quantized_test --gtest_brief=1 ;;
    sanitizer)
      few='*CudaLinear.Gated/own:*CudaLinear.Parts*:*CudaOps.Elementwise*:*CudaOps.RopeAndStore*:*CudaAttention.RangesAndBiases*'
      step memcheck 150 compute-sanitizer --tool memcheck bin/core_cuda_test --gtest_brief=1 "--gtest_filter=$few"
      step racecheck 150 compute-sanitizer --tool racecheck bin/core_cuda_test --gtest_brief=1 "--gtest_filter=$few" ;;
    kernels)
      step kernels-own 60 bin/docket bench kernels
      step kernels-sm70 90 env DOCKET_CUDA_PATH=sm70 bin/docket bench kernels ;;
    stages)
      need_model
      stages stages-batch1 60 --ops
      stages stages-batch8 90 --batch 8
      stages stages-batch32 90 --batch 32 --repeats 1
      DOCKET_CUDA_GRAPHS=false stages stages-no-graphs 60 --repeats 1
      DOCKET_CUDA_OVERLAP=false stages stages-no-overlap 60 --repeats 1
      DOCKET_CUDA_PATH=sm70 stages stages-sm70 120 --repeats 1 ;;
    caps)
      need_model
      stages cap-16GiB 60 --gpu-memory 16GiB --repeats 1
      stages cap-8GiB 60 --gpu-memory 8GiB --repeats 1
      stages cap-4GiB 60 --gpu-memory 4GiB --repeats 1 ;;  # must refuse with the figures
    seed)  # from a bf16 checkpoint in BF16_DIR; each row quantises on the processor
      step seed 560 bin/docket bench seed --model "${BF16_DIR:?}" --device cuda ;;
    peers)
      need_model
      stages peers-docket 60
      step peers 540 python3 "${PEERS:?a script}" "$out" ;;
    *)
      echo "unknown step $part" >&2
      exit 2 ;;
  esac
done
cat "$summary"
