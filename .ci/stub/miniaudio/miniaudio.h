// Stands in for miniaudio.h when the tests' Ollama is built. Ollama decodes audio prompts with it; the
// header lies in a folder named vendor, which Go leaves out of module zips. Here every decoder refuses.
#pragma once

using ma_result = int;
using ma_uint64 = unsigned long long;
struct ma_decoder {};
struct ma_decoder_config {};
constexpr int ma_format_f32 = 0;
constexpr ma_result MA_SUCCESS = 0;
constexpr ma_result no_decoder = -1;

template <typename... T> ma_decoder_config ma_decoder_config_init(T...) { return {}; }
template <typename... T> ma_result ma_decoder_init_memory(T...) { return no_decoder; }
template <typename... T> ma_result ma_decoder_get_length_in_pcm_frames(T...) { return no_decoder; }
template <typename... T> ma_result ma_decoder_read_pcm_frames(T...) { return no_decoder; }
template <typename... T> void ma_decoder_uninit(T...) {}
