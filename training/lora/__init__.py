"""An adapter (LoRA) for one's own documents: python -m training.lora --help"""
