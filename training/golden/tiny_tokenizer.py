"""A byte-level BPE tokenizer with the layout of Llama 3's tokenizer.json, trained on a few lines."""
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

SPECIAL = ["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
           "<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>",
           "<|eot_id|>", "<|python_tag|>"]
IMAGE = "<|image|>"
PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
           r"|\s+(?!\S)|\s+")
CORPUS = ["Extract the DATE, STORE, ABN, GST and TOTAL from this tax invoice receipt.",
          "Harbour Supermarkets ABN 51 824 753 556 TAX INVOICE", "TOTAL $1,234.50 GST INCLUDED $112.23 EFTPOS APPROVED",
          "Date: 05/03/2024 Time: 14:35 Store No 1234", "Thank you for shopping! You've saved $3.00. It's GST free.",
          "naïve café résumé 東京 2,500 £€ — “quotes” …\n\n\tTabs   and   spaces\r\n",
          "system user assistant Cutting Knowledge Date: December 2023 Today Date: 26 Jul 2024"] * 20

# The Instruct chat template's rules (spec 1.6) in the form that tokenizer_config.json carries.
CHAT_TEMPLATE = """{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}{%- set system_message = messages[0]['content']|trim %}{%- set messages = messages[1:] %}
{%- else %}{%- set system_message = "" %}{%- endif %}
{%- set seen = namespace(image=false) %}
{%- for message in messages %}{%- if message['content'] is not string %}{%- for item in message['content'] %}{%- if item['type'] == 'image' %}{%- set seen.image = true %}{%- endif %}{%- endfor %}{%- endif %}{%- endfor %}
{%- if seen.image and system_message != "" %}{{- raise_exception("Prompting with images is incompatible with system messages.") }}{%- endif %}
{%- if not seen.image %}
{{- "<|start_header_id|>system<|end_header_id|>\n\n" }}
{{- "Cutting Knowledge Date: December 2023\n" }}
{{- "Today Date: " + (date_string if date_string is defined else "26 Jul 2024") + "\n\n" }}
{{- system_message }}{{- "<|eot_id|>" }}
{%- endif %}
{%- for message in messages %}
{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}
{%- if message['content'] is string %}{{- message['content'] }}
{%- else %}{%- for item in message['content'] %}{%- if item['type'] == 'image' %}{{- '<|image|>' }}{%- elif item['type'] == 'text' %}{{- item['text'] }}{%- endif %}{%- endfor %}{%- endif %}
{{- '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}"""


def make(vocab, adds_bos, digits=3):
    """`vocab` ids below <|image|>, which is id `vocab`. adds_bos: the Instruct layout of the post-processor."""
    pattern = PATTERN.replace("{1,3}", "{1,%d}" % digits)
    t = Tokenizer(models.BPE(ignore_merges=True))
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior="isolated", invert=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    base = vocab - len(SPECIAL)
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=base, show_progress=False,
                                                      initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    filler = [f"<|filler_{i}|>" for i in range(base - t.get_vocab_size())]
    t.add_special_tokens(filler + SPECIAL + [IMAGE])
    bos = t.token_to_id(SPECIAL[0])
    level = processors.ByteLevel(trim_offsets=True)
    t.post_processor = level if not adds_bos else processors.Sequence([level, processors.TemplateProcessing(
        single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1",
        special_tokens=[("<|begin_of_text|>", bos)])])
    assert t.token_to_id(IMAGE) == vocab, (t.token_to_id(IMAGE), vocab)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=t, bos_token=SPECIAL[0], eos_token="<|eot_id|>",
                                      pad_token="<|finetune_right_pad_id|>", padding_side="right",
                                      model_input_names=["input_ids", "attention_mask"])
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped
