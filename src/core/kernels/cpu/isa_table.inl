// The table, once all bodies are there.
constexpr IsaOps kIsaOps = {kSmallRows,    kBlockRows,     kAttentionRows, linear_small, linear_block<Fp32Products>,
                            rms_norm_row,  layer_norm_row, silu_mul_row,   gelu_row,     add_scaled_row,
                            attention_rows};
